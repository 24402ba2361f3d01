// An independent full node (bcoin 1.0.2): it downloads the sandbox's chain from the sandbox's node as an ordinary peer, checks every
// block itself, and says what it read. Rules that came after it (taproot) it does not know; those signatures are checked here with
// bitcoinjs-lib and @noble/curves, the key path alone.
//
//   node chain.js HOST:PORT HASH       wait until the best block is HASH
//
// Standard output has one JSON object:
//
//   {"height":…,"hash":…,"blocks":…,"txs":{TXID:{"height":…,"raw":hex,"sane":bool,"fee_sat":…,"op_return":hex|null,
//     "spends":[type],"pays":[type],"rbf":bool}},"taproot_signatures":…}
process.env.NODE_BACKEND = 'js'
const bcoin = require('bcoin')
const bitcoin = require('bitcoinjs-lib')
const { schnorr } = require('@noble/curves/secp256k1')

const [, , peer, best] = process.argv

async function main() {
  const chain = new bcoin.Chain({ network: 'regtest', memory: true })
  const pool = new bcoin.Pool({ chain, only: [peer], listen: false, discover: false, bip37: false, selfish: true, maxOutbound: 1 })
  const refused = []
  chain.on('invalid', (block, entry, err) => refused.push(String(err && err.message || block.rhash())))
  pool.on('ban', () => refused.push('a block was refused'))
  pool.on('error', err => refused.push(String(err && err.message || err)))
  // The sandbox's node has these rules from the first block on, and so does not signal for them.
  const { thresholdStates } = require('bcoin/lib/blockchain/common')
  const getState = chain.getState.bind(chain)
  chain.getState = (prev, deployment) => ['csv', 'segwit'].includes(deployment.name) ? thresholdStates.ACTIVE : getState(prev, deployment)
  await chain.open()
  await pool.open()
  await pool.connect()
  pool.startSync()
  const end = Date.now() + 60000
  while (chain.tip.rhash() !== best) {
    if (Date.now() > end || refused.length > 0) throw new Error(`stopped at block ${chain.height} ${chain.tip.rhash()}: ${refused.join('; ')}`)
    await new Promise(done => setTimeout(done, 50))
  }
  const answer = { height: chain.height, hash: chain.tip.rhash(), blocks: 0, txs: {}, taproot_signatures: 0, refused }
  const outputs = new Map() // outpoint -> { script, value }
  for (let height = 0; height <= chain.height; height++) {
    const block = await chain.getBlock(await chain.getHash(height))
    answer.blocks++
    for (const tx of block.txs) {
      if (!tx.isCoinbase()) answer.txs[tx.txid()] = await describe(tx, height, outputs, answer)
      tx.outputs.forEach((o, i) => outputs.set(`${tx.txid()}:${i}`, { script: o.script.toRaw(), value: o.value, type: kind(o.script.toRaw()) }))
    }
  }
  console.log(JSON.stringify(answer))
  process.exit(0)
}

// kind names a script; version 1 programs are newer than bcoin.
function kind(script) {
  if (script.length === 34 && script[0] === 0x51 && script[1] === 32) return 'taproot'
  return bcoin.Script.fromRaw(script).isNulldata() || script[0] === 0x6a ? 'nulldata' : bcoin.Script.fromRaw(script).getType() === undefined ? 'other'
    : bcoin.Script.typesByVal[bcoin.Script.fromRaw(script).getType()].toLowerCase()
}

async function describe(tx, height, outputs, answer) {
  const spent = tx.inputs.map(i => outputs.get(`${i.prevout.txid()}:${i.prevout.index}`))
  const fee = spent.reduce((sum, o) => sum + o.value, 0) - tx.getOutputValue()
  const data = tx.outputs.map(o => o.script.toRaw()).find(s => s[0] === 0x6a)
  const other = bitcoin.Transaction.fromBuffer(tx.toRaw())
  if (other.getId() !== tx.txid()) throw new Error(`bitcoinjs-lib reads ${other.getId()} where bcoin reads ${tx.txid()}`)
  tx.inputs.forEach((input, i) => {
    if (spent[i].type !== 'taproot') return
    const witness = other.ins[i].witness
    if (witness.length !== 1 || witness[0].length !== 64) throw new Error(`${tx.txid()}:${i} is no spend by key`)
    const hash = other.hashForWitnessV1(i, spent.map(o => o.script), spent.map(o => o.value), 0)
    if (!schnorr.verify(witness[0], hash, spent[i].script.slice(2))) throw new Error(`${tx.txid()}:${i}: bad taproot signature`)
    answer.taproot_signatures++
  })
  return {
    height, raw: tx.toRaw().toString('hex'), sane: tx.isSane(), fee_sat: fee, vsize: tx.getVirtualSize(), rbf: tx.inputs.some(i => i.sequence < 0xfffffffe),
    op_return: data ? Buffer.from(data).toString('hex') : null, spends: spent.map(o => o.type), pays: tx.outputs.map(o => kind(o.script.toRaw()))
  }
}

main().catch(err => { console.error(err.stack || String(err)); process.exit(1) })
