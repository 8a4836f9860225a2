// Package story is the demo of week 3: one small shop, and what it needs from the five things that the week builds. Prices have a
// past, money moves in transactions, somebody watches, a thermometer fills a series, and the customers outgrow one store.
//
// Each chapter checks what it shows: Run returns an error if anything comes out different.
package story
