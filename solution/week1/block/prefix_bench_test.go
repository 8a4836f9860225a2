//lab:day 1.7

package block

// init lets the benchmarks of day 1.3 run with shared prefixes too.
func init() { codecs["prefix"] = Prefix() }
