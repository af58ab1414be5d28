"""The website: both editions as pages of Sphinx, made of the outputs that the notebooks store. `make site` runs it.

addresses     where the repository, its site, and a chapter that runs can be found
sources       notebooks and Markdown pages as Sphinx wants them
recordings    labs that play, and replies to predictions, made in the course's own environment
pictures      figures as files, in light and dark colours, and the cards that other sites show
search        words of a Chinese sentence
conf          the configuration of Sphinx
"""
