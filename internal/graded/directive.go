package graded

import (
	"errors"
	"fmt"
	"go/ast"
	"strconv"
	"strings"
)

// taskPrefix begins the directive that names a test's task.
const taskPrefix = "//lab:task"

// taskLine is what //lab:task says.
type taskLine struct {
	task         string // "1" and up, or "bonus"
	points       int    // at least 1
	random, race bool
}

// taskDirective finds and reads the one //lab:task directive of a doc comment.
func taskDirective(doc *ast.CommentGroup) (taskLine, error) {
	var found []string
	if doc != nil {
		for _, c := range doc.List {
			if rest, ok := strings.CutPrefix(c.Text, taskPrefix); ok {
				found = append(found, rest)
			} else if strings.HasPrefix(c.Text, "//lab:") {
				return taskLine{}, fmt.Errorf("unknown directive %s", strings.Fields(c.Text)[0])
			}
		}
	}
	switch len(found) {
	case 0:
		return taskLine{}, errors.New("no //lab:task line says which task it belongs to")
	case 1:
		return parseTask(strings.Fields(found[0]))
	}
	return taskLine{}, errors.New("more than one //lab:task line")
}

// parseTask reads the words of a //lab:task directive: the task, points=N, and random or race.
func parseTask(words []string) (taskLine, error) {
	var line taskLine
	if len(words) == 0 {
		return line, errors.New("//lab:task names no task")
	}
	line.task = words[0]
	if n, err := strconv.Atoi(line.task); line.task != "bonus" && (err != nil || n < 1) {
		return line, fmt.Errorf("//lab:task %s: a task is a number from 1, or bonus", line.task)
	}
	for _, word := range words[1:] {
		points, isPoints := strings.CutPrefix(word, "points=")
		switch {
		case isPoints:
			n, err := strconv.Atoi(points)
			if err != nil || n < 1 {
				return line, fmt.Errorf("//lab:task: points=%s is not a number from 1", points)
			}
			line.points = n
		case word == "random":
			line.random = true
		case word == "race":
			line.race = true
		default:
			return line, fmt.Errorf("//lab:task: unknown word %q", word)
		}
	}
	if line.points == 0 {
		return line, errors.New("//lab:task says no points=N")
	}
	return line, nil
}
