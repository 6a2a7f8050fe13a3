// Package storetest holds what a store of a host must do, as tests that any implementation can run: pending
// authorisations, connections and suspended state.
//
// It knows the interfaces of package vm and nothing of how a store works.
package storetest
