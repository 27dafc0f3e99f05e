"""The Pipeline page: where deals stand, where they are lost, and which are stuck."""
