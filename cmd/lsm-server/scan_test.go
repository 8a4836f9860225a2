//go:build reference

package main

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"lsmlab/internal/kv"
)

// pages reads a page and all that follow, and returns the keys of each.
func (c *client) pages(path string) (all [][]string) {
	c.t.Helper()
	for path != "" {
		p := decode[page](c.t, c.want(200, "GET", path, ""))
		var keys []string
		for _, e := range p.Entries {
			keys = append(keys, string(e.Key))
		}
		all = append(all, keys)
		path = p.Next
	}
	return all
}

// A scan has both its ends, and as many pages as it takes.
func TestScan_Pages(t *testing.T) {
	c := serving(t, true)
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		c.want(204, "PUT", pathOf(key), "v"+key)
	}
	c.want(204, "DELETE", "/kv/d", "")
	for path, want := range map[string][][]string{
		"/kv":                                {{"a", "b", "c", "e", "f"}},
		"/kv?limit=2":                        {{"a", "b"}, {"c", "e"}, {"f"}},
		"/kv?limit=5":                        {{"a", "b", "c", "e", "f"}},
		"/kv?from=b&to=e":                    {{"b", "c", "e"}},
		"/kv?from=b&to=e&limit=2":            {{"b", "c"}, {"e"}},
		"/kv?after=b&to=e&limit=1":           {{"c"}, {"e"}},
		"/kv?from=x":                         {nil},
		"/kv?from=e&to=b":                    {nil},
		"/kv?limit=999999999":                {{"a", "b", "c", "e", "f"}},
		"/kv?from=&to=" + url.PathEscape(""): {nil},
	} {
		require.Empty(t, cmp.Diff(want, c.pages(path)), path)
	}
	p := decode[page](t, c.want(200, "GET", "/kv?limit=1", ""))
	require.Equal(t, "va", string(p.Entries[0].Value))
	for _, bad := range []string{"limit=0", "limit=-1", "limit=x", "from=%zz", "a;b"} {
		c.want(400, "GET", "/kv?"+bad, "")
	}
}

// No page is longer than the server allows, in entries or in bytes, whatever is asked for.
func TestScan_Limits(t *testing.T) {
	c := serving(t, true)
	for i := range small.scan + 1 {
		c.want(204, "PUT", pathOf(fmt.Sprintf("k%02d", i)), "")
	}
	p := c.pages("/kv?limit=1000")
	require.Len(t, p, 2)
	require.Len(t, p[0], small.scan)

	large := make([]byte, maxPage/2)
	var b kv.Batch
	for _, key := range []string{"x1", "x2", "x3"} {
		b.Reset()
		b.Set([]byte(key), large)
		require.NoError(t, c.s.db.Apply(&b))
	}
	require.Equal(t, [][]string{{"x1", "x2"}, {"x3"}}, c.pages("/kv?from=x"))
}

// Keys and values of any bytes come back as they were, also in the address of the next page.
func TestScan_AnyBytes(t *testing.T) {
	c := serving(t, true)
	keys := []string{"\x00", "\x00\xff", " ", "%41", "&to=a", "+", "/", "\xff", "\xff\xff"}
	for _, key := range keys {
		c.want(204, "PUT", pathOf(key), key)
	}
	var got []string
	for _, p := range c.pages("/kv?limit=1") {
		got = append(got, p...)
	}
	require.Equal(t, keys, got)
}

// A snapshot shows one moment, page by page, whatever is written meanwhile, flushed or merged.
func TestSnapshot_StaysTheSame(t *testing.T) {
	c := serving(t, true)
	for _, key := range []string{"a", "b", "c"} {
		c.want(204, "PUT", pathOf(key), "old")
	}
	a := c.want(201, "POST", "/snapshots", "")
	s := decode[snapshotReply](t, a)
	require.Equal(t, "/snapshots/"+s.ID, a.header.Get("Location"))
	require.Equal(t, kv.Seq(3), s.Version)

	c.want(204, "PUT", "/kv/a", "new")
	c.want(204, "DELETE", "/kv/b", "")
	c.want(204, "PUT", "/kv/aa", "new")
	c.want(200, "POST", "/flush", "")
	c.want(200, "POST", "/compact", "")
	require.Equal(t, "old", c.want(200, "GET", "/kv/a?snapshot="+s.ID, "").body)
	require.Equal(t, "new", c.want(200, "GET", "/kv/a", "").body)
	c.want(404, "GET", "/kv/aa?snapshot="+s.ID, "")
	require.Equal(t, [][]string{{"a"}, {"b"}, {"c"}}, c.pages("/kv?limit=1&snapshot="+s.ID))
	require.Equal(t, [][]string{{"a", "aa", "c"}}, c.pages("/kv"))

	list := decode[[]snapshotReply](t, c.want(200, "GET", "/snapshots", ""))
	require.Len(t, list, 1)
	require.Equal(t, s.ID, list[0].ID)
	c.want(204, "DELETE", "/snapshots/"+s.ID, "")
	c.want(404, "DELETE", "/snapshots/"+s.ID, "")
	c.want(404, "GET", "/kv/a?snapshot="+s.ID, "")
	c.want(404, "GET", "/kv?snapshot="+s.ID, "")
	require.Zero(t, c.s.db.versions.Snapshots().Open)
}

// There is an end to the snapshots that clients may hold; one that is given back makes room.
func TestSnapshot_Limit(t *testing.T) {
	c := serving(t, true)
	var last snapshotReply
	for range maxHeld {
		last = decode[snapshotReply](t, c.want(201, "POST", "/snapshots", ""))
	}
	c.want(503, "POST", "/snapshots", "")
	require.Equal(t, maxHeld, c.s.db.versions.Snapshots().Open)
	c.want(204, "DELETE", "/snapshots/"+last.ID, "")
	c.want(201, "POST", "/snapshots", "")
}
