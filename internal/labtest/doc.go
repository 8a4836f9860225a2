// Package labtest is what the graded tests share: short ways to write down entries, iterators that watch over their own
// contract, ones that fail where a test wants it, a model store, random histories, and checks for what a test leaves
// behind. A learner's own tests may use it too.
//
// It knows the given packages only, so that one test can hold a learner's part and the reference's side by side:
//
//	func TestMerging_NewestVersionFirst(t *testing.T) {
//		labtest.NoLeaks(t)
//		merged := labtest.Check(t, iterator.NewMerging(
//			labtest.FromSlice([]labtest.Entry{labtest.E("apple", 7, "red")}),
//			labtest.FromSlice([]labtest.Entry{labtest.D("apple", 4), labtest.E("banana", 3, "")}),
//		))
//		got, err := labtest.Collect(merged)
//		require.NoError(t, err)
//		labtest.Diff(t, "all versions", []labtest.Entry{
//			labtest.E("apple", 7, "red"), labtest.D("apple", 4), labtest.E("banana", 3, ""),
//		}, got)
//	}
package labtest
