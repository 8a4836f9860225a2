//go:build reference

package subject

import (
	"lsmlab/solution/week1/block"
	"lsmlab/solution/week1/engine"
	"lsmlab/solution/week1/filter"
	"lsmlab/solution/week1/sstable"
	"lsmlab/solution/week1/version"
	"lsmlab/solution/week2/compaction"
	"lsmlab/solution/week2/leveled"
	"lsmlab/solution/week2/manifest"
	"lsmlab/solution/week2/simple"
	"lsmlab/solution/week2/store"
	"lsmlab/solution/week2/tiered"
	"lsmlab/solution/week2/wal"
	"lsmlab/solution/week3/mvcc"
	"lsmlab/solution/week3/partition"
	"lsmlab/solution/week3/plugin"
	"lsmlab/solution/week3/timeseries"
	"lsmlab/solution/week3/txn"
)

// Name says whose code this is.
const Name = "reference"

// The engine.
type (
	// Engine is the store.
	Engine = engine.Engine
	// Options are the engine's.
	Options = engine.Options
	// Scan walks over a range of the engine's keys.
	Scan = engine.Scan
	// Stats say what an engine holds and has done.
	Stats = engine.Stats
	// Listener is told what happens in an engine.
	Listener = engine.Listener
	// Edit is a change of the tree.
	Edit = version.Edit
)

// Open opens an engine in a directory.
func Open(dir string, o *Options) (*Engine, error) { return engine.Open(dir, o) }

// Sorted string tables, and what they are made of.
type (
	// Table is an open table.
	Table = sstable.Table
	// TableOptions are a table's.
	TableOptions = sstable.Options
	// BlockInfo describes one block of a table's file.
	BlockInfo = sstable.BlockInfo
	// Block is the entries of one block.
	Block = block.Block
	// Codec is how keys are written in blocks.
	Codec = block.Codec
	// FilterPolicy is how tables know what they do not hold.
	FilterPolicy = sstable.FilterPolicy
)

// The kinds of blocks.
const (
	BlockData       = sstable.BlockData
	BlockFilter     = sstable.BlockFilter
	BlockIndex      = sstable.BlockIndex
	BlockProperties = sstable.BlockProperties
)

var (
	// OpenTable opens a table's file.
	OpenTable = sstable.Open
	// TableName returns the name of the file that holds the table of a number.
	TableName = sstable.FileName
	// NewTableWriter writes one.
	NewTableWriter = sstable.NewWriter
	// Plain writes keys whole.
	Plain = block.Plain
	// Prefix leaves out what a key shares with the block's first.
	Prefix = block.Prefix
	// Bloom makes Bloom filters.
	Bloom = filter.Bloom
)

// TableFormat is the version of the table format.
const TableFormat = sstable.FormatVersion

// The policies of compaction.
type (
	// SimplePolicy moves whole levels.
	SimplePolicy = simple.Policy
	// TieredPolicy merges neighbours of like sizes.
	TieredPolicy = tiered.Policy
	// LeveledPolicy sinks data from level to level, a table at a time.
	LeveledPolicy = leveled.Policy
)

var (
	// CompactionEdit says what a task does to the tree as it is now.
	CompactionEdit = compaction.Edit
	// CompactionBelow returns the runs that may hold older versions of what a task writes.
	CompactionBelow = compaction.Below
	// CompactionTree returns what policies see of a version.
	CompactionTree = compaction.TreeOf
)

// The durable store.
type (
	// Store is an engine whose contents outlive it.
	Store = store.Store
	// StoreOptions are the store's.
	StoreOptions = store.Options
	// LogMode says how far a write has come when it returns.
	LogMode = store.LogMode
	// CompactionOptions say how tables are merged.
	CompactionOptions = compaction.Options
)

// The log modes.
const (
	LogWritten     = store.LogWritten
	LogSynced      = store.LogSynced
	LogLosesOnKill = store.LogLosesOnKill
	LogOff         = store.LogOff
)

// NewCompactor returns what carries a policy's tasks out.
var NewCompactor = compaction.New

// OpenStore opens a durable store in a directory.
func OpenStore(dir string, o *StoreOptions) (*Store, error) { return store.Open(dir, o) }

// The files of a durable store, for tools that look into them.
type (
	// Manifest is what a manifest file holds.
	Manifest = manifest.File
	// ManifestRecord is one of its records.
	ManifestRecord = manifest.Record
	// Log is what a log holds.
	Log = wal.Contents
)

// ManifestName is the name of the manifest.
const ManifestName = manifest.FileName

var (
	// ReadManifest reads a manifest file.
	ReadManifest = manifest.Read
	// ReadLog reads the log of a number.
	ReadLog = wal.Read
	// LogName returns the name of the log of a number.
	LogName = wal.FileName
	// ParseLogName undoes it.
	ParseLogName = wal.ParseFileName
	// ParseTableName undoes TableName.
	ParseTableName = sstable.ParseFileName
)

// The store with its past, and with transactions.
type (
	// Versions is a store that can be read as it was.
	Versions = mvcc.DB
	// VersionsOptions are its options.
	VersionsOptions = mvcc.Options
	// Snapshot is such a store at one version.
	Snapshot = mvcc.Snapshot
	// SnapshotStats tell which snapshots are open.
	SnapshotStats = mvcc.SnapshotStats
	// Transactions is a store with transactions.
	Transactions = txn.DB
	// TransactionsOptions are its options.
	TransactionsOptions = txn.Options
	// Txn is a transaction.
	Txn = txn.Txn
	// TxnStats count transactions, and list those that have not ended.
	TxnStats = txn.Stats
)

// The levels of isolation.
const (
	SnapshotIsolation = txn.SnapshotIsolation
	Serializable      = txn.Serializable
)

var (
	// NewCollector returns what drops the versions that nobody needs.
	NewCollector = mvcc.NewCollector
	// NewOracle returns what refuses conflicting commits.
	NewOracle = txn.NewOracle
	// OpenTransactions opens a store with transactions in a directory.
	OpenTransactions = txn.Open
)

// What watches a store.
type (
	// Plugins tells plugins what happens in stores.
	Plugins = plugin.Host
	// PluginsOptions are its options.
	PluginsOptions = plugin.Options
	// Plugin is told.
	Plugin = plugin.Plugin
	// PluginStats says what became of a plugin's events.
	PluginStats = plugin.Stats
)

var (
	// NewPlugins returns a host without plugins.
	NewPlugins = plugin.NewHost
	// NewSlowLog returns the plugin that tells what takes long.
	NewSlowLog = plugin.NewSlowLog
	// NewMetricsPlugin returns the plugin that counts puts, gets and deletes.
	NewMetricsPlugin = plugin.NewMetrics
)

// Series of points in time, and stores in parts.
type (
	// Series keeps points in a store with transactions.
	Series = timeseries.DB
	// SeriesOptions are its options.
	SeriesOptions = timeseries.Options
	// Point is a value at a time.
	Point = timeseries.Point
	// Partitions is a store in several.
	Partitions = partition.DB
	// PartitionsOptions are its options.
	PartitionsOptions = partition.Options
	// Router says where a key lives.
	Router = partition.Router
)

var (
	// NewSeries returns the series of a store.
	NewSeries = timeseries.New
	// OpenPartitions opens a store in parts in a directory.
	OpenPartitions = partition.Open
	// Rebalance moves the keys of a closed one to where another router wants them.
	Rebalance = partition.Rebalance
	// HashRouter spreads keys evenly.
	HashRouter = partition.Hash
	// ConsistentRouter spreads them so that few move when there is one part more.
	ConsistentRouter = partition.Consistent
	// RangesRouter keeps neighbours together.
	RangesRouter = partition.Ranges
)
