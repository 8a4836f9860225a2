// Package comparetransactions compares the student's store with snapshots and transactions with the reference's.
package comparetransactions
