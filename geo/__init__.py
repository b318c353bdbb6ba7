"""What is computed: pure functions on arrays and tables."""
