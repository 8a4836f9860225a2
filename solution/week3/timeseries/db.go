//lab:day 3.6

package timeseries

import (
	"encoding/binary"
	"errors"
	"math"

	"lsmlab/internal/kv"
	"lsmlab/solution/week3/txn"
)

// ErrNoPoints is returned for questions that have no answer because there are no points to ask.
var ErrNoPoints = errors.New("no points")

// ErrTooManyPoints is wrapped by Downsample's refusal of a range with more points than Options.MaxPoints.
var ErrTooManyPoints = errors.New("too many points")

// Point is one measurement. The value may be any float64: NaN and infinities are stored bit by bit.
type Point struct {
	Time  int64 // in any unit, the same for all points of a series
	Value float64
}

// Options says how a DB works. The zero Options are usable.
type Options struct {
	// Prefix is what all keys begin with. Nothing else in the store may, and no other DB may have a prefix that is the
	// beginning of this one. Default "ts/".
	Prefix []byte
	// MaxPoints is how many points Downsample takes into memory. Default 100,000.
	MaxPoints int
}

// The defaults of Options, and the length of what is stored.
const (
	defaultPrefix    = "ts/"
	defaultMaxPoints = 100_000
	valueSize        = 8 // bytes of a stored value
)

// DB keeps series of points in a store. Any number of goroutines may use it.
type DB struct {
	db        *txn.DB
	prefix    []byte
	maxPoints int
}

// New returns the series in a store, which stays the caller's to close. The store needs a Validator (txn.NewOracle) if
// points are appended while Downsample is at work. The options may be nil, and are not kept.
func New(db *txn.DB, o *Options) *DB {
	d := &DB{db: db, prefix: []byte(defaultPrefix), maxPoints: defaultMaxPoints}
	if o != nil && len(o.Prefix) > 0 {
		d.prefix = append([]byte(nil), o.Prefix...)
	}
	if o != nil && o.MaxPoints > 0 {
		d.maxPoints = o.MaxPoints
	}
	return d
}

// Append stores a point. One that the series had at that time is replaced. It is as durable as a Put is.
func (d *DB) Append(series string, t int64, v float64) error {
	return d.AppendAll(series, []Point{{t, v}})
}

// AppendAll stores points, all of them or none: readers see it like that, and so does who opens the store after a
// crash. Of two at one time the later in the slice stays.
//
//lab:todo 2 time-series#append
//lab:hint One batch, and db.Apply.
//lab:hint The value is encodeValue's.
func (d *DB) AppendAll(series string, points []Point) error {
	// #region append
	var b kv.Batch
	key := d.head(series)
	head := len(key)
	for _, p := range points {
		key = appendTime(key[:head], p.Time)
		b.Set(key, encodeValue(p.Value))
	}
	return d.db.Apply(&b)
	// #endregion
}

// encodeValue returns the value that is stored for v.
func encodeValue(v float64) []byte {
	return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
}

// decodePoint returns the point that a key and its value stand for. The key is known to begin with head.
func decodePoint(head int, key, value []byte) (Point, error) {
	if len(key) != head+timeSize || len(value) != valueSize {
		return Point{}, notAPoint(key, value)
	}
	return Point{timeOf(key[head:]), math.Float64frombits(binary.LittleEndian.Uint64(value))}, nil
}
