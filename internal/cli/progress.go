package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// progress is a line at the bottom of a terminal that is drawn anew as work gets done. On anything but a terminal it draws
// nothing.
type progress struct {
	out      io.Writer
	terminal bool

	mu                  sync.Mutex
	total, done, failed int
	drawn               int // width of what is there now
}

// barWidth is small enough for any terminal.
const barWidth = 20

func newProgress(w io.Writer, total int) *progress {
	p := &progress{out: w, terminal: isTerminal(w), total: total}
	p.draw()
	return p
}

// add counts one more that is done.
func (p *progress) add(failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if failed {
		p.failed++
	}
	p.draw()
}

// above lets print write lines, which end up above the bar.
func (p *progress) above(print func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	print()
	p.draw()
}

// clear leaves nothing of the bar.
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
	line := fmt.Sprintf("[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), p.done, p.total)
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
