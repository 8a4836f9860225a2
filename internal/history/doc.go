// Package history takes down what concurrent transactions do and see, and says afterwards whether there is an order
// in which they could have run one after the other. It knows nothing of the database: it sees what the program sees,
// calls and answers.
//
//	rec := history.NewRecorder(map[string]string{"x": "1", "y": "1"}) // what the store holds at the beginning
//	tx := rec.Begin("A")                       // just before the transaction begins
//	tx.Get("x", "1", true)                     // what it has read; false: not found
//	tx.Put("x", "0")                           // what it has written
//	tx.Committed()                             // just after Commit has returned; or tx.Aborted()
//	verdict := rec.Check()
//	fmt.Println(verdict)                       // an order that explains everything, or why there is none
//
// The order must put each transaction at one moment between its beginning and its end, at which all of it happens: so
// who ended before another began comes before it. That is called strict serializability, or linearizability of whole
// transactions. Porcupine looks for the order (github.com/anishathalye/porcupine); it finds one if there is one. If
// there is none, the verdict tells the shortest circle of transactions of which each must come before the next, and
// what such a circle is called:
//
//	write skew: no order of these explains what they have read
//	    A must come before B: A has read y = "1", which B has replaced by "0"
//	    B must come before A: B has read x = "1", which A has replaced by "0"
//
// For the circle to be found, write each value only once, as with a number that counts up, and read what you replace.
// Transactions that were rolled back, or refused, must not be seen by anybody, and are otherwise left out. One whose
// end is not known must not be recorded: nothing can be said about it.
//
// It is given, and there is one copy of it.
package history
