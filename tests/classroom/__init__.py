"""A class at a real JupyterHub on this machine: students that speak the browser's protocol, and what is measured of them.

hub        starts JupyterHub and its proxy, on the loopback alone, with the settings of binder/hub
student    one student: logs in, opens a chapter, trains the lab live, solves an exercise, saves
__main__   brings a class together, measures, and writes the page for teachers when asked (`make class`)
"""
