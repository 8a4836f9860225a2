// Package plugin lets foreign code watch an engine: plugins are told what happens in it, each at its own pace.
//
//	engine ──listener──> Host ──copy──> queue of "metrics"  ──> Metrics.Handle
//	                          ──copy──> queue of "slow log" ──> SlowLog.Handle
//	                             └ full: dropped, and counted
//
//	host := plugin.NewHost(plugin.Options{})
//	err := host.Register(plugin.NewMetrics(os.Stdout, 0))
//	o.Listener = host.Listener(o.Listener)
//	s, err := store.Open(dir, o)
//	…
//	err = errors.Join(s.Close(), host.Shutdown()) // PUT: 100, GET: 10, DELETE: 0
//
// A plugin is foreign code. It may be slow, wait for ever, panic, call the engine, or take itself out in the middle of an
// event. None of that may harm the engine or another plugin. So the engine never calls a plugin: it leaves a copy of the
// event in the plugin's queue, or counts it as dropped, and goes on. Only what takes the process down, such as os.Exit or memory
// without end, is beyond the host's reach.
//
// Compaction filters ([DropPrefix], [TimeToLive]) are foreign code of the other kind, which the engine asks and waits for. They
// decide about the newest value of a key, take nothing from a snapshot, and bring nothing older back; see engine.CompactionFilter.
package plugin
