package broker

import (
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/storetest"
)

// The pending authorisations of a broker do what every such store must do.
func TestPendingStore(t *testing.T) {
	records := store.NewMemory()
	storetest.Pending(t, func(_ *testing.T, clock func() time.Time) vm.PendingStore { return pending{records, clock} })
}
