import DefaultTheme from 'vitepress/theme'
import type { Theme } from 'vitepress'
import MermaidFigure from './MermaidFigure.vue'

// The default theme, which has a dark mode, and figures.
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('MermaidFigure', MermaidFigure)
  },
} satisfies Theme
