// Reads the root log's files as Go's checksum database reads its own, and checks every entry and the growth since an old checkpoint.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files struct{ root string }

func (f files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// C2SP leaves out the height, which is always 8.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.root, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f files) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path ...string) string {
	data, err := os.ReadFile(filepath.Join(path...))
	must(err)
	return string(data)
}

// The tree of a checkpoint that both the log and the witness, as far as Go knows it, have signed.
func tree(text, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	signed, err := note.Open([]byte(text), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	var root tlog.Hash
	copy(root[:], hash)
	return tlog.Tree{N: size, Hash: root}
}

// The entries of a full or partial tile, each with its length before it.
func entries(folder string, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 256 {
		width := int(256)
		if size-first < 256 {
			width = int(size - first)
		}
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: width}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data := []byte(read(folder, path))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func main() {
	folder := os.Args[1]
	root := filepath.Join(folder, "root")
	vkey := strings.TrimSpace(read(folder, "origin.vkey"))
	newest := tree(read(root, "checkpoint"), vkey)
	old := tree(read(folder, "old-checkpoint"), vkey)
	hashes := tlog.TileHashReader(newest, files{root})
	all := entries(root, newest.N)
	if int64(len(all)) != newest.N {
		must(fmt.Errorf("%d entries of %d", len(all), newest.N))
	}
	for index, entry := range all {
		proof, err := tlog.ProveRecord(newest.N, int64(index), hashes)
		must(err)
		must(tlog.CheckRecord(proof, newest.N, newest.Hash, int64(index), tlog.RecordHash(entry)))
	}
	proof, err := tlog.ProveTree(newest.N, old.N, hashes)
	must(err)
	must(tlog.CheckTree(proof, newest.N, newest.Hash, old.N, old.Hash))
	fmt.Println(len(all), "entries, grown from", old.N)
}
