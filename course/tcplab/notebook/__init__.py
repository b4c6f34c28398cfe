"""What the learner sees: magics, the ladder and the world drawn, exercises and progress."""
