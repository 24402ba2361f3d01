// Package psbtfile reads and writes PSBTs as files: binary, or in base64 on the standard streams.
package psbtfile
