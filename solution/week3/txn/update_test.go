//lab:day 3.4

package txn_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lsmlab/internal/vfs"
	"lsmlab/solution/week3/txn"
)

// While a commit waits for its disk, it is in the way of whoever writes the same key, and no new snapshot shows it. Update
// must not use up its tries before the disk is done.
func TestUpdate_OutlastsTheSyncOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := vfs.NewFault(vfs.NewMem())
		o := &txn.Options{Validator: txn.NewOracle()}
		o.FS = disk
		db, err := txn.Open("db", o)
		require.NoError(t, err)
		add := func(tx *txn.Txn) error {
			value, _ := tx.Get([]byte("n")) // the first run finds none, which is 0
			n, _ := strconv.Atoi(string(value))
			return tx.Put([]byte("n"), strconv.AppendInt(nil, int64(n+1), 10))
		}
		reached, release := disk.BlockAt(vfs.OpSync, "*.log")
		errs := make(chan error, 2)
		go func() { errs <- db.Update(add) }()
		<-reached
		go func() { errs <- db.Update(add) }()
		time.Sleep(100 * time.Millisecond) // of the bubble's time: it passes when all have to wait
		release()
		require.NoError(t, <-errs)
		require.NoError(t, <-errs)
		value, err := db.Get([]byte("n"))
		require.NoError(t, err)
		require.Equal(t, "2", string(value))
		require.NoError(t, db.Close())
	})
}
