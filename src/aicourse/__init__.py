"""From software engineer to AI engineer: the course's own package.

`aicourse.lessons` is used inside notebooks; `authoring`, `grading` and `learner` are behind the
`course` command (`course --help` is the map).
"""
