"""Zip archives of others, read without trusting a byte of them.

names         what an entry may be called
end_records   where the archive's directory lies
extra_fields  what stands of an entry in its extra fields
directory     the entries that an archive lists, checked against its bytes
archive       an archive whose entries are read into memory, within limits

Nothing is extracted onto the disk: what is not written cannot be written elsewhere.
The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""
