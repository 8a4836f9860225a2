//go:build reference

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A value that was put is got, with its version, until it is deleted.
func TestKey_PutGetDelete(t *testing.T) {
	c := serving(t, true)
	a := c.want(204, "PUT", "/kv/apple", "green")
	require.Equal(t, `"1"`, a.header.Get("Etag"))
	a = c.want(204, "PUT", "/kv/apple", "red")
	require.Equal(t, "2", a.header.Get(versionHeader))
	a = c.want(200, "GET", "/kv/apple", "")
	require.Equal(t, "red", a.body)
	require.Equal(t, `"2"`, a.header.Get("Etag"))
	require.Equal(t, "application/octet-stream", a.header.Get("Content-Type"))
	require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.Empty(t, c.want(200, "HEAD", "/kv/apple", "").body)
	c.want(304, "GET", "/kv/apple", "", "If-None-Match", `"2"`)
	c.want(200, "GET", "/kv/apple", "", "If-None-Match", `"1"`)

	require.Equal(t, "3", c.want(204, "DELETE", "/kv/apple", "").header.Get(versionHeader))
	c.want(404, "GET", "/kv/apple", "")
	c.want(204, "DELETE", "/kv/apple", "")
	c.want(404, "GET", "/kv/pear", "")
}

// Without versions there are keys and values all the same, and what needs more says so.
func TestKey_WithoutVersions(t *testing.T) {
	c := serving(t, false)
	a := c.want(204, "PUT", "/kv/apple", "green")
	require.Empty(t, a.header.Get("Etag")+a.header.Get(versionHeader))
	require.Empty(t, c.want(200, "GET", "/kv/apple", "").header.Get("Etag"))
	a = c.want(501, "PUT", "/kv/apple", "red", "If-Match", `"1"`)
	require.Contains(t, a.body, "days 1 to 4 of week 3")
	c.want(501, "POST", "/snapshots", "")
	require.Equal(t, "green", c.want(200, "GET", "/kv/apple", "").body)
	require.NotContains(t, c.want(200, "GET", "/metrics", "").body, "lsm_snapshot")
	c.want(200, "GET", "/stats", "")
}

// An empty value is a value.
func TestKey_EmptyValue(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "")
	a := c.want(200, "GET", "/kv/a", "")
	require.Empty(t, a.body)
	require.Equal(t, "0", a.header.Get("Content-Length"))
}

// Every key can be named, and no two names are the same key: slashes, dots and escapes are bytes like others, and
// nobody is sent elsewhere because a path looks like a detour.
func TestKey_AnyBytes(t *testing.T) {
	c := serving(t, true)
	for i, key := range []string{"a/b", "a//b", "a/../b", ".", "..", "/", "//", "%", "%41", "A", "a b", "a+b", "a?b", "a#b", "\x00", "\xff\xfe", "é"} {
		c.want(204, "PUT", pathOf(key), fmt.Sprint(i))
		got, err := c.read(key)
		require.NoError(t, err, "%q", key)
		require.Equal(t, fmt.Sprint(i), got)
	}
	c.want(204, "PUT", "/kv/x//y/../z", "as it is sent")
	got, err := c.read("x//y/../z")
	require.NoError(t, err)
	require.Equal(t, "as it is sent", got)

	rapid.Check(t, func(rt *rapid.T) {
		key := string(rapid.SliceOfN(rapid.Byte(), 1, small.key).Draw(rt, "key"))
		value := string(rapid.SliceOfN(rapid.Byte(), 0, small.value).Draw(rt, "value"))
		c.want(204, "PUT", pathOf(key), value)
		require.Equal(rt, value, c.want(200, "GET", pathOf(key), "").body)
	})
}

// A write may say which version it wants to replace.
func TestKey_Conditions(t *testing.T) {
	c := serving(t, true)
	c.want(204, "PUT", "/kv/a", "1", "If-None-Match", "*")
	c.want(412, "PUT", "/kv/a", "2", "If-None-Match", "*")
	tag := c.want(200, "GET", "/kv/a", "").header.Get("Etag")
	next := c.want(204, "PUT", "/kv/a", "3", "If-Match", tag).header.Get("Etag")
	c.want(412, "PUT", "/kv/a", "4", "If-Match", tag)
	c.want(412, "DELETE", "/kv/a", "", "If-Match", tag)
	require.Equal(t, "3", c.want(200, "GET", "/kv/a", "").body)
	tag = c.want(200, "GET", "/kv/a", "").header.Get("Etag")
	require.Equal(t, tag, next, "who has replaced a version knows its own, and can go on from there")
	c.want(204, "DELETE", "/kv/a", "", "If-Match", tag)
	c.want(412, "PUT", "/kv/a", "5", "If-Match", tag)
	c.absent("a")
	for _, bad := range []string{"*", "17", `W/"17"`, `"x"`, `"-1"`, `"0"`, `"1", "2"`} {
		c.want(400, "PUT", "/kv/a", "6", "If-Match", bad)
	}
	c.want(400, "PUT", "/kv/a", "6", "If-None-Match", `"1"`)
	c.absent("a")
}

// What is too large is refused before it is written.
func TestKey_Limits(t *testing.T) {
	c := serving(t, true)
	longest := strings.Repeat("k", small.key)
	c.want(204, "PUT", "/kv/"+longest, strings.Repeat("v", small.value))
	c.want(413, "PUT", "/kv/"+longest+"k", "")
	c.want(413, "GET", "/kv/"+longest+"k", "")
	c.want(413, "PUT", "/kv/a", strings.Repeat("v", small.value+1))
	c.absent("a")
	c.want(400, "PUT", "/kv/", "no key")
	c.want(400, "GET", "/kv/", "")
}
