// Decodes a raw transaction with two other implementations and prints the txid that both give: node decode.js HEX
process.env.NODE_BACKEND = 'js'
const bcoin = require('bcoin')
const bitcoin = require('bitcoinjs-lib')

const hex = process.argv[2]
const one = bcoin.TX.fromRaw(hex, 'hex')
const two = bitcoin.Transaction.fromHex(hex)
if (one.txid() !== two.getId()) throw new Error(`${one.txid()} and ${two.getId()}`)
if (!one.isSane()) throw new Error('not sane')
console.log(one.txid())
