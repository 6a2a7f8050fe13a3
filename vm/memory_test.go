package vm_test

import (
	"testing"
	"time"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/storetest"
)

// The stores in memory do what every store must do.
func TestMemoryStores(t *testing.T) {
	pending := map[string]vm.PendingStore{}
	storetest.Pending(t, func(t *testing.T, clock func() time.Time) vm.PendingStore {
		if pending[t.Name()] == nil {
			pending[t.Name()] = vm.NewMemoryPending(clock)
		}
		return pending[t.Name()]
	})
	connections := vm.NewMemoryConnections()
	storetest.Connections(t, func(*testing.T) vm.ConnectionStore { return connections })
}
