package oauthtest

import (
	"net"
	"net/http"
	"time"
)

// slowGap is the time between two bytes of a slow reply.
const slowGap = time.Second

func deliverNothing(_ *Server, w http.ResponseWriter, _ *http.Request, _ reply) {
	panic(http.ErrAbortHandler)
}

// deliverReset closes the connection with a TCP RST instead of a FIN.
func deliverReset(_ *Server, w http.ResponseWriter, _ *http.Request, _ reply) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func deliverHalf(_ *Server, w http.ResponseWriter, _ *http.Request, p reply) {
	p.begin(w)
	w.Write(p.body[:len(p.body)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func deliverSlowly(s *Server, w http.ResponseWriter, r *http.Request, p reply) {
	flusher := http.NewResponseController(w)
	p.begin(w)
	for i := range p.body {
		w.Write(p.body[i : i+1])
		flusher.Flush()
		select {
		case <-time.After(slowGap):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-s.closed:
			panic(http.ErrAbortHandler)
		}
	}
}

func deliverAsHTML(_ *Server, w http.ResponseWriter, _ *http.Request, p reply) {
	p.contentType = "text/html;charset=UTF-8"
	p.send(w)
}

func deliverAsForm(_ *Server, w http.ResponseWriter, _ *http.Request, p reply) {
	p.asForm().send(w)
}
