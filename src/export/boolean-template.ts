/** Made by scripts/make-boolean-template.py, which says why it is needed. */
export const BOOLEAN_DATASETS = 96;
export const BOOLEAN_GROUP = '__booleans__';

/** gzip in base64. */
export const BOOLEAN_TEMPLATE = [
  'H4sIAAAAAAACA+2dOXBbVRSGn6SIKIGAwjYmbAIGEAyL3/7EqoDlERASEScgYMCOIYOAEBvMYhgWQaUQYAQ0Kl2qdKlSpUqVLl26',
  'VOkuoLz/2JYHn8eW8cTvv831tX5/kv937rmL3nKhPDF56OCRg8awZDLGPiNrbC2XUILfR9vy+gzqBOoG6nZSfp+4/NoYfn8Y/O26',
  'UydLpaH60rYi77OaDuuMwRLHUi4drQzrKtoSpb3kqG5udmEkHsv/8X13it9yKmzX0n8vftcOMH4Zv5vxK/HUSI/qpqdn5+bOnT1z',
  'fmF6emscF//l+04dPzExjGCJu1xqNF9vj2OWf5YHKvvD9vyBrXnglh3zQPG60XFz5q6wrkueuC+sl9DuPxzWHbSr4ziOaHduRT7E',
  'AW08HdbjaGefx3FGu/wijjfa/RPQywcMwMXri69h/BXe22G9jnb7XcQz8vD4B6Px2pkL6wpeL34Gv9DufYXPjXalPjovCC6M5vnu',
  'LwCnru48UJf5DP6P9g9X9n2354H8/tE8sD2OWXbKA+nQs4S0w4yQSCT+ct6cMvJh3kiGf5LNyJ9mjMmjx6ZKl3PG6ZIcjPSfvx++',
  'nkyFsgz4qWRyI5VkNw/bsIfuqh9hXO3biKvxa3W9zNsah3TdxjzvNl0neTR3hHG1l+KKftAP+kE/6Af9oB8sO80712Wd7EQe8HAd',
  '6+qyDHQDL2IeK+vpAuedzAv0g37QD/pBP3Yap2uyP3S7rp+XffI7dJ38V5U7dR22k4323Ryn2c/oB/2Idx6W8246OV3fRN27R9e1',
  'UK/cq+uWJP/fzzzMfsZ9FPpLP+jHlRvn5Dyd1vW6vi3j04O6blnqvK6T83S6DzHvsJ/RD/oR5zycMbpojz2i63uo84/quj7q4DFd',
  't4K6/LiuW5X8b+q6Ncn/lq4bSP63dZ0sv9o3MK7Yz+gH/aAf9GO3xum00cInyp+M2MeDLpiKWFfJ+RGnItZV0FVPR6yroKu9yvUS',
  '+xn9oB97dN9K8uETEesHyYdP6rq8XMf1lK6T68X6z3Dfiv2MftCPeOfhQM4XflbXF+V84WJEHpZ5bFbXyXW6xnPMw+xn9IPnDbA/',
  'M36vnnGzIuuXCV1fha74gK6bkX2piBv5yP0sghfYz9jP6Af9iHMevsaYxydqvqTrF6FbOqbr6tAtv6zrGtB1j+u6JnRjr0TsS6Hu',
  'HWZcsZ/RD/pBP+jH3vnevSvjZVXX9+T7mdd1XV/2Ld/QdSuyb/mmrpP7/hlvcb3EfkY/6Af9iMX3XzJO3Kjr12S/b1rXDeR8hRld',
  'J/eVXTzDfTz2M/pBP+gH/dgclwzcB7wxq+sz0LXe0XVZ6AZndZ3c39x4j+MS+xn9oB/xzsM55MNsTdfnocu9r+vGoVv8UNcVZd1x',
  'E/Mw+xn9oB8x36eR+fC5iLwp8+GPdF0ZuvZ5XSfP8zE+Zh5mP6Mf9CPeebgq8+FPdP2MzIcXdF1Nnqf2qa6T56g1PmceZj+jH/Qj',
  '3nl4Uea5X+j6usxzIz62XHawfrOuk+dXdr5kHmY/ox/0I955uCnz4a91fUvmw9/ouiWZD3+r6+S5wcXvmIf34vWxcj2I3K5Rbsco',
  't1uUx4DJY77kMV4+ajmvSR7bZQJoAmgCaAJoAmgCaAJoAmgCaAJogWeBZ4FngWeBZ4FngWeBZ4FngWeDZ4Nng2eDZ4Nng2eDZ4Nn',
  'g2eD54DngOeA54DngOeA54DngOeA54DngueC54LngueC54LngueC54LngueB54HngeeB54HngeeB54HngeeB54Png+eD54Png+eD',
  '54Png+eD54MXgBeAF4AXgBeAF4AXgBeAF4AXgFcArwBeAbwCeAXwCq7kAfTGpMHCwvFol+c5y7Le/F7Xd6CrlXRdV74Hn9R1Pejy',
  'DcYV1xP0g37E+z7zfeTD+o+6viI/jOm6FfCaF3XdKnRLP+m6NeiWf9Z1A+gyTV23Dt3YrxEGpTBO/Ma4Yj+jH/9X+QPa8SqcOJMA',
  'AA==',
].join('');
