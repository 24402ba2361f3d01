// Package health has the verb doctor.
package health
