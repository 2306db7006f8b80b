"""What the stand-ins for clouds share: recording resources as a cloud would answer, without an account."""
