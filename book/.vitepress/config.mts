// The book as a site. Everything is computed from the Markdown files, which are written to read well without it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type DefaultTheme } from 'vitepress'
import type MarkdownIt from 'markdown-it'

const book = dirname(dirname(fileURLToPath(import.meta.url)))

// title returns the first heading of a file of the book.
function title(file: string): string {
  const heading = readFileSync(join(book, file), 'utf8').match(/^# (.+)$/m)
  return heading ? heading[1].replace(/`/g, '') : file
}

// page returns the sidebar's entry for a file. Week 1, Day 6 stands in the entry's place already, so it is left out.
function page(file: string, text?: string): DefaultTheme.SidebarItem {
  const link = '/' + file.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '')
  return { text: text ?? title(file).replace(/^Week \d, (Day \d)/, '$1'), link }
}

// week returns the sidebar's group for a week, or nothing if the week has no directory.
function week(n: number): DefaultTheme.SidebarItem[] {
  const dir = `week${n}`
  if (!existsSync(join(book, dir, 'README.md'))) return []
  const chapters = readdirSync(join(book, dir)).filter((f) => f.endsWith('.md') && f !== 'README.md').sort()
  const [days, more] = [true, false].map((is) => chapters.filter((f) => /^day\d-/.test(f) === is))
  const items = [page(`${dir}/README.md`, 'Overview and self-check'), ...[...days, ...more].map((f) => page(`${dir}/${f}`))]
  return [{ text: title(`${dir}/README.md`), items, collapsed: false }]
}

// front returns the chapters before the weeks, as far as they are there.
function front(): DefaultTheme.SidebarItem[] {
  return ['preface.md', 'setup.md', 'overview.md', 'glossary.md'].filter((f) => existsSync(join(book, f))).map((f) => page(f))
}

// figures holds the sources of the book's figures, each with the file that it stands in.
const figures = new Map<string, string>()

// mermaid turns fences of that language into a component that draws them in the reader's browser.
function mermaid(md: MarkdownIt) {
  const fence = md.renderer.rules.fence!
  md.renderer.rules.fence = (tokens, i, options, env, self) => {
    if (tokens[i].info.trim() !== 'mermaid') return fence(tokens, i, options, env, self)
    figures.set(tokens[i].content, env.relativePath)
    return `<MermaidFigure code="${encodeURIComponent(tokens[i].content)}" />`
  }
}

// checkFigures fails if a figure is not in Mermaid's language: in a browser the reader would see its source instead.
// Parsing needs no browser, but for the cleaner of labels, which has nothing to clean here.
async function checkFigures() {
  const { default: cleaner } = await import('dompurify')
  Object.assign(cleaner, { addHook: () => {}, sanitize: (label: string) => label })
  const { default: parser } = await import('mermaid')
  for (const [source, file] of figures) {
    await parser.parse(source).catch((err: Error) => {
      throw new Error(`a figure of book/${file} does not parse: ${err.message}`)
    })
  }
}

// indented gives code that is indented, not fenced, the same box: it scrolls where a line is wider than the page.
function indented(md: MarkdownIt) {
  md.core.ruler.push('indented', (state) => {
    for (const token of state.tokens.filter((t) => t.type === 'code_block')) token.type = 'fence'
  })
}

// readmes lets links to README.md, which forges understand, lead to the page that it becomes here.
function readmes(md: MarkdownIt) {
  md.core.ruler.push('readmes', (state) => {
    for (const token of state.tokens.flatMap((t) => t.children ?? [])) {
      const href = token.type === 'link_open' && token.attrGet('href')
      if (href) token.attrSet('href', href.replace(/(^|\/)README\.md(#|$)/, '$1index.md$2'))
    }
  })
}

export default defineConfig({
  title: 'LSM Lab',
  description: 'Build a log-structured storage engine in Go, one day at a time.',
  lang: 'en-GB',
  cleanUrls: true,
  srcExclude: ['hints/**'], // they are for `mage hint`, one level at a time
  rewrites: { 'README.md': 'index.md', ':week/README.md': ':week/index.md' },
  ignoreDeadLinks: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]], // there is none, and no browser need ask
  buildEnd: checkFigures,
  markdown: {
    config(md) {
      md.use(mermaid)
      md.use(indented)
      md.use(readmes)
    },
  },
  themeConfig: {
    nav: [
      { text: 'Book', link: '/' },
      { text: 'Glossary', link: '/glossary' },
    ],
    sidebar: [{ text: 'Before you begin', items: front() }, ...[1, 2, 3].flatMap(week)],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
