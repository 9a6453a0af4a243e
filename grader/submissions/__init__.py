"""Find and read submissions: folders, files, notebooks and archives, some of them in each other, with junk beside them.

`archives` list the files, `homes` finds the homework among them, `choices` which file is which module, `helpers` the
student's own modules beside it, and `sources` reads one. Nothing of a student's is ever unpacked to disk or imported
(a class's tar is kept in a file without a name); what is read is bounded. A submission that cannot be read is still a
submission: it carries its problem, and the rest of the class is graded.
"""
