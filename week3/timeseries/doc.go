// Package timeseries keeps measurements: named series of points, each a time and a number, in a transactional store.
//
//	metrics := timeseries.New(db, nil)
//	err := metrics.Append("cpu", time.Now().Unix(), 0.42)
//	summary, err := metrics.Summarize("cpu", from, to) // both ends included: count, min, max, sum, avg, first, last
//	result, err := metrics.Downsample("cpu", from, to, 0.05) // fewer points, none further than 0.05 from where it was
//
// A point is one key and one value of the store:
//
//	prefix                  Options.Prefix, "ts/" if nothing else is said
//	name                    of the series, each byte 0x00 in it as 0x00 0xff
//	0x00 0x01               the end of the name
//	time                    8 bytes, big-endian, the signed time with every bit but the sign flipped
//	                        → value: 8 bytes, little-endian, the bits of the float64
//
// so that the order of keys is the one that the questions need:
//
//  1. All points of a series stand together, with no other's between them: no encoded name is the beginning of
//     another, as 0x00 0x01 stands at its end and nowhere else. Names are in the order of their bytes, one that is
//     the beginning of another before it.
//  2. The newest point of a series stands first, as the newest version of a key does. So the latest point is the
//     first one met, however long the series is. The price: a range is walked from its end to its start, and whoever
//     wants the oldest first must hold the points and turn them round.
//  3. Every int64 is a time, of any unit, before 1970 too. A series has one point at a time; a later one replaces it.
//
// A store without a Collector keeps what is replaced or dropped as old versions: open it with one
// (mvcc.NewCollector), or [DB.Downsample] saves no space.
package timeseries
