package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// progress is a progress bar on the last line of a terminal. If the output is no terminal, it draws
// nothing.
type progress struct {
	out      io.Writer
	terminal bool

	mu                  sync.Mutex
	total, done, failed int
	drawn               int // width of the bar on the terminal
}

// barWidth is small enough for any terminal.
const barWidth = 20

func newProgress(w io.Writer, total int) *progress {
	p := &progress{out: w, terminal: isTerminal(w), total: total}
	p.draw()
	return p
}

// add counts one more item as done.
func (p *progress) add(failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if failed {
		p.failed++
	}
	p.draw()
}

// above calls print, whose lines appear above the bar.
func (p *progress) above(print func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	print()
	p.draw()
}

// clear removes the bar. After it, nothing is drawn.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.terminal = false
}

func (p *progress) draw() {
	if !p.terminal {
		return
	}
	p.erase()
	full := barWidth * p.done / max(p.total, 1)
	bar := strings.Repeat("#", full) + strings.Repeat(".", barWidth-full)
	line := fmt.Sprintf("[%s] %d of %d", bar, p.done, p.total)
	if p.failed > 0 {
		line += fmt.Sprintf(", %d failed", p.failed)
	}
	_, _ = io.WriteString(p.out, line)
	p.drawn = len(line)
}

func (p *progress) erase() {
	if p.drawn > 0 {
		_, _ = io.WriteString(p.out, "\r"+strings.Repeat(" ", p.drawn)+"\r")
		p.drawn = 0
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
