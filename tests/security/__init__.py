"""The numbered cases of the threat and fault model, each named by the test that shows it."""
