// Package cputime tells tests what work cost this process, whatever else the machine does meanwhile: bounds in real time
// fail on a busy machine, bounds in processor time do not. Only tests import it.
package cputime
