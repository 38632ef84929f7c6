"""Networks to copy: what goes in, what comes out, how many numbers they learn."""
