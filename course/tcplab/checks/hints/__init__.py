"""Hints of every lab, in steps: prose, apart from the judgement, which needs none of it."""
