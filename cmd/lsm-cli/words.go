package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words splits a line at its spaces. A word in double quotes is a Go string: it may hold spaces, be empty, or hold any byte
// as \xff.
func words(line string) (list []string, err error) {
	for {
		line = strings.TrimLeftFunc(line, unicode.IsSpace)
		if line == "" {
			return list, nil
		}
		word := line
		if line[0] == '"' {
			if word, err = strconv.QuotedPrefix(line); err != nil {
				return nil, fmt.Errorf("a quote that does not end, or an unknown escape, in %s", line)
			}
		} else if end := strings.IndexFunc(line, unicode.IsSpace); end >= 0 {
			word = line[:end]
		}
		line = line[len(word):]
		if word[0] == '"' {
			if word, err = strconv.Unquote(word); err != nil {
				return nil, err
			}
		}
		list = append(list, word)
	}
}

// wrap breaks a text at its spaces into lines of at most so many runes; a longer word has a line of its own.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// longest is the number of bytes of a key or value that is shown.
const longest = 200

// show returns a key or value for people: as it is if that can be read, quoted otherwise, and not more of it than fits.
func show(b []byte) string {
	rest := ""
	if len(b) > longest {
		rest = fmt.Sprintf("… (%d bytes)", len(b))
		b = b[:longest]
		for len(b) > longest-utf8.UTFMax && !utf8.Valid(b) {
			b = b[:len(b)-1]
		}
	}
	text := string(b)
	if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		text = strconv.Quote(text)
	}
	return text + rest
}

// count returns a number with a comma every three digits, and what is counted.
func count[T int | int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return commas(int64(n)) + " " + many
}

// commas returns a number with a comma every three digits.
func commas(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size returns a number of bytes in a unit that suits it.
func size[T int | int64](n T) string {
	x, unit := float64(n), 0
	for x >= 1024 && unit < 3 {
		x, unit = x/1024, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", x, [...]string{"", "KiB", "MiB", "GiB"}[unit])
}
