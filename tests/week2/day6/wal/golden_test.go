package wal_test

import (
	"encoding/hex"
	"strings"
)

// goldenLog returns the bytes of log 12, which got #300 apple=red -fig and #302 member= and nothing before.
func goldenLog() []byte {
	return fromHex(`
	4c 53 4d 4c 61 62 52 b5  // magic: LSMLabR and 0xb5
	01 00 00 00              // format version 1
	0c 00 00 00 00 00 00 00  // the file's number: 12
	23 0b f0 3e              // CRC-32C of the 20 bytes before

	02 00 00 00              // the opening: a body of 2 bytes
	30 6f 15 f6              // CRC-32C of number, offset 24, and length
	02 3c fa 8e              // CRC-32C of these and the body
	00 00                    // after log 0, write 0: after nothing

	13 00 00 00              // a batch: a body of 19 bytes
	51 33 08 c0              // CRC-32C of number, offset 38, and length
	bf e1 ba 95              // CRC-32C of these and the body
	ac 02                    // its first write has number 300
	02                       // it has 2 writes
	01 05 6170706c65 03 726564  // set, 5 bytes of key: apple, 3 bytes of value: red
	00 03 666967             // delete, 3 bytes of key: fig

	0c 00 00 00              // a batch: a body of 12 bytes
	7a f5 4e c3              // CRC-32C of number, offset 69, and length
	b7 89 2f 8e              // CRC-32C of these and the body
	ae 02                    // its first write has number 302
	01                       // it has 1 write
	01 06 6d656d626572 00    // set, 6 bytes of key: member, no byte of value
	`)
}

// fromHex returns the bytes of a commented dump: hexadecimal digits, up to "//" in each line.
func fromHex(dump string) []byte {
	var digits strings.Builder
	for line := range strings.Lines(dump) {
		code, _, _ := strings.Cut(line, "//")
		digits.WriteString(strings.Join(strings.Fields(code), ""))
	}
	data, err := hex.DecodeString(digits.String())
	if err != nil {
		panic(err)
	}
	return data
}
