"""What templates may say of our own."""
