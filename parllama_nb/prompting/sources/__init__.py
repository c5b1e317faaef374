"""Where prompts come from, and go to: a class for each format.

source     what a source is: it reads prompts, and may write them
registry   the built-in sources and those of plugins, by name
guess      which source a location belongs to
markdown/  Markdown with front matter; also the text in which a prompt is edited
csv_list   tables
json_list  JSON and JSON lines
parllama   the prompts of PAR LLAMA
llm        the templates of llm
fabric/    Fabric's patterns: an archive on the web, a zip file, a folder

What they share:

reading      files one after the other in a thread; what is wrong becomes a problem
files        where a location leads, and the text of a file there
decoding     bytes as text
yaml_values  YAML of strangers, and ours
fields       the fields of a prompt from plain values
records      rows and objects under any program's names
texts        what a text says by itself
file_names   names of files that every system accepts
zip_files/   zip archives of strangers, read without trusting a byte of them
download     one file from a public address; download_errors says what went wrong
kept_archives  downloaded archives, for when there is no network
steps        the progress of several phases, as one percentage
"""
