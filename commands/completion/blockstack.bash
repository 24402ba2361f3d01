# Completion of blockstack for bash 3.2 and later. What was typed goes through a pipe, never into arguments.
_blockstack() {
    local LC_ALL=C program=$1 text about width=0 i
    local -a texts abouts
    [[ $program == '~/'* ]] && program=$HOME/${program:2}
    COMPREPLY=()
    while IFS=$'\t' read -r text about; do
        case $text in
        :files)
            compopt -o filenames 2>/dev/null
            while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -f -- "$2")
            ;;
        :folders)
            compopt -o filenames 2>/dev/null
            while IFS= read -r text; do COMPREPLY+=("$text"); done < <(compgen -d -- "$2")
            ;;
        ?*)
            texts+=("$text")
            abouts+=("$about")
            ((${#text} > width)) && width=${#text}
            ;;
        esac
    done < <(printf '%s' "${COMP_LINE:0:COMP_POINT}" | "$program" __complete bash "$COMP_WORDBREAKS" 2>/dev/null)
    for ((i = 0; i < ${#texts[@]}; i++)); do
        if [[ $COMP_TYPE == 63 && -n ${abouts[i]} ]] && ((${#texts[@]} > 1)); then # a list is shown, nothing inserted
            printf -v text '%-*s  (%s)' "$width" "${texts[i]}" "${abouts[i]}"
            COMPREPLY+=("$text")
        else
            COMPREPLY+=("${texts[i]}")
        fi
    done
}
complete -F _blockstack blockstack
