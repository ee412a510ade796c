"""A comparison, shown: one HTML file that opens offline, Markdown, CSV.

`contents` gathers what is to be shown, `words`, `matrix`, `diff`, `plot` and `browser` make its parts, and `html`,
`markdown` and `csv` write it. All text of models is untrusted: it reaches a page escaped, and a cell as text. No metric
is computed here.
"""
