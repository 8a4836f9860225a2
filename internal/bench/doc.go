// Package bench measures key-value stores side by side: the same keys, the same work, in turn, in one process.
//
// Machines are noisy, so a figure alone says little. Each round runs every store on every workload, in an order that
// rotates, and a ratio is formed within a round, between two runs that are seconds apart; what is reported is the median
// of the rounds. What a reading costs is measured over a third of a second, again and again over the same keys.
package bench
