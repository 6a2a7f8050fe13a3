package perfbench

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// answerBody is what the server answers to every request.
const answerBody = "oauth_token=ab12cd34ef56ab12cd34ef56&oauth_token_secret=98fe76dc54ba98fe76dc54ba&oauth_callback_confirmed=true"

// ServeAnswers accepts connections and answers every request with a token, with as little work as possible, so that the
// clients are what is measured. It returns when the listener is closed.
func ServeAnswers(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go serveConnection(c)
	}
}

// tokenNumber makes every token another one, so that flows at the same time can be told apart.
var tokenNumber atomic.Int64

// appendBody appends a body like answerBody with a token of its own.
func appendBody(dst []byte) []byte {
	at := len(dst) + len("oauth_token=ab12cd34ef56")
	dst = append(dst, answerBody...)
	n := tokenNumber.Add(1)
	for i := at + 11; i >= at; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

func serveConnection(c net.Conn) {
	defer c.Close()
	head := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", len(answerBody))
	answer := slices.Clip(head)
	in := bufio.NewReaderSize(c, 8192)
	for {
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
			length += contentLength(line)
		}
		if _, err := in.Discard(length); err != nil {
			return
		}
		answer = appendBody(append(answer[:0], head...))
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

// contentLength returns the number of a content-length line, 0 for every other line.
func contentLength(line []byte) (n int) {
	const name = "content-length:"
	if len(line) <= len(name) || line[0]|0x20 != 'c' || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return 0
	}
	for _, ch := range line[len(name):] {
		if '0' <= ch && ch <= '9' {
			n = n*10 + int(ch-'0')
		}
	}
	return n
}

// startServer runs the server in a process of its own, so that its work does not count, and returns its address.
func startServer() (base string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "imlc-bench")
	if err != nil {
		return "", nil, err
	}
	program := filepath.Join(dir, "server")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/server").CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("building the server: %w\n%s", err, out)
	}
	c := exec.Command(program)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		os.RemoveAll(dir)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the server did not start: %w", err)
	}
	return "http://" + strings.TrimSpace(line), stop, nil
}
