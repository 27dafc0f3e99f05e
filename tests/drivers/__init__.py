"""What a person does, as small classes: tests read as stories."""
