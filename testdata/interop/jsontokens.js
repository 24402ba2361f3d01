// The other side of the benchmark of verifications: jsontokens on one core. Standard input has one `KEY TOKEN` a line; the tokens are
// verified over and over for SECONDS, and standard output has {"verified":N,"seconds":S,"version":…}: node jsontokens.js SECONDS
const { TokenVerifier } = require('jsontokens')
const version = require('jsontokens/package.json').version

const lines = require('fs').readFileSync(0, 'utf8').trim().split('\n').map(line => line.split(' '))
const check = ([key, token]) => {
  if (new TokenVerifier('ES256K', key).verify(token) !== true) throw new Error('a good token is refused')
}
lines.forEach(check) // compiled and warm
const limit = Number(process.argv[2]) * 1000
const start = process.hrtime.bigint()
let verified = 0, spent = 0
while (spent < limit) {
  lines.forEach(check)
  verified += lines.length
  spent = Number(process.hrtime.bigint() - start) / 1e6
}
console.log(JSON.stringify({ verified, seconds: spent / 1000, version }))
