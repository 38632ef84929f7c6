"""The facts of the cheat sheet: rows that the tests run and the pages print."""
