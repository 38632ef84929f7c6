"""What each chapter of the sheet writes into its page."""
