package main

import (
	"fmt"
	"slices"
	"strings"

	"lsmlab/internal/shape"
	"lsmlab/internal/subject"
	"lsmlab/internal/tuning"
)

// settings are the policies'; what is 0 is the policy's default.
type settings struct {
	Runs         int         `placeholder:"N" help:"Runs that start a merge: of level 0 for simple and leveled, of the whole tree for tiered."`
	Levels       int         `placeholder:"N" help:"simple, leveled: how many levels, level 0 included."`
	Ratio        int         `placeholder:"N" help:"simple: how many times as large as its upper neighbour a level should be."`
	SpaceAmp     int         `placeholder:"PERCENT" help:"tiered: how large all other runs may be beside the oldest."`
	SizeRatio    int         `placeholder:"PERCENT" help:"tiered: by how much the next run may be larger than those before it."`
	MinWidth     int         `placeholder:"N" help:"tiered: how many runs are merged at least."`
	MaxWidth     int         `placeholder:"N" help:"tiered: how many runs are merged at most."`
	BaseSize     tuning.Size `placeholder:"SIZE" help:"leveled: bytes of the first level below level 0."`
	Multiplier   int         `placeholder:"N" help:"leveled: how many times as large as the level above it a level should be."`
	LeastOverlap bool        `help:"leveled: merge the table that rewrites the least, not the one that has waited longest."`
}

// named is a policy with its name.
type named struct {
	name   string
	policy shape.Policy
}

// policies returns what the command line names. A setting that no chosen policy has is an error: it would do nothing.
func (f flags) policies() (chosen []named, err error) {
	s := f.settings
	all := []named{
		{"simple", subject.SimplePolicy{Runs: s.Runs, Ratio: s.Ratio, Levels: s.Levels}},
		{"tiered", subject.TieredPolicy{
			Runs: s.Runs, SpaceAmp: s.SpaceAmp, SizeRatio: s.SizeRatio, MinWidth: s.MinWidth, MaxWidth: s.MaxWidth,
		}},
		{"leveled", subject.LeveledPolicy{
			Runs: s.Runs, Levels: s.Levels, BaseSize: int64(s.BaseSize), Multiplier: s.Multiplier, LeastOverlap: s.LeastOverlap,
		}},
	}
	if f.Policy == "all" {
		return all, nil
	}
	for _, owned := range []struct {
		set    bool
		flag   string
		owners []string
	}{
		{s.Levels != 0, "--levels", []string{"simple", "leveled"}},
		{s.Ratio != 0, "--ratio", []string{"simple"}},
		{s.SpaceAmp != 0, "--space-amp", []string{"tiered"}},
		{s.SizeRatio != 0, "--size-ratio", []string{"tiered"}},
		{s.MinWidth != 0, "--min-width", []string{"tiered"}},
		{s.MaxWidth != 0, "--max-width", []string{"tiered"}},
		{s.BaseSize != 0, "--base-size", []string{"leveled"}},
		{s.Multiplier != 0, "--multiplier", []string{"leveled"}},
		{s.LeastOverlap, "--least-overlap", []string{"leveled"}},
	} {
		if owned.set && !slices.Contains(owned.owners, f.Policy) {
			return nil, fmt.Errorf("%s is a setting of %s, not of %s",
				owned.flag, strings.Join(owned.owners, " and "), f.Policy)
		}
	}
	for _, p := range all {
		if p.name == f.Policy {
			chosen = append(chosen, p)
		}
	}
	return chosen, nil
}
