"""What fills space: bodies whose matter is known at any point, however they are sampled."""
