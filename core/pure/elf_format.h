/* SPDX-License-Identifier: MIT */
/* The part of the ELF64 file format that elf.c and its tests use: offsets of fields in their records, and
 * values. From the System V ABI and its x86-64 and AArch64 supplements. */
#ifndef MUDSKIPPER_PURE_ELF_FORMAT_H
#define MUDSKIPPER_PURE_ELF_FORMAT_H

#define ELF_EHDR_BYTES 64u
#define ELF_PHDR_BYTES 56u
#define ELF_DYN_BYTES  16u
#define ELF_RELA_BYTES 24u

/* File header */
#define ELF_EI_CLASS    4u
#define ELF_EI_DATA     5u
#define ELF_EI_VERSION  6u
#define ELF_EI_OSABI    7u
#define ELF_E_TYPE      0x10u
#define ELF_E_MACHINE   0x12u
#define ELF_E_VERSION   0x14u
#define ELF_E_ENTRY     0x18u
#define ELF_E_PHOFF     0x20u
#define ELF_E_FLAGS     0x30u
#define ELF_E_EHSIZE    0x34u
#define ELF_E_PHENTSIZE 0x36u
#define ELF_E_PHNUM     0x38u

#define ELF_CLASS_64        2u
#define ELF_DATA_LITTLE     1u
#define ELF_VERSION_CURRENT 1u
#define ELF_OSABI_NONE      0u
#define ELF_OSABI_GNU       3u
#define ELF_TYPE_EXEC       2u
#define ELF_TYPE_DYN        3u
#define ELF_PHNUM_ELSEWHERE 0xffffu /* the count stands in a section header */

/* Program header */
#define ELF_P_TYPE   0x00u
#define ELF_P_FLAGS  0x04u
#define ELF_P_OFFSET 0x08u
#define ELF_P_VADDR  0x10u
#define ELF_P_FILESZ 0x20u
#define ELF_P_MEMSZ  0x28u
#define ELF_P_ALIGN  0x30u

#define ELF_PT_LOAD      1u
#define ELF_PT_DYNAMIC   2u
#define ELF_PT_INTERP    3u
#define ELF_PT_NOTE      4u
#define ELF_PT_PHDR      6u
#define ELF_PT_TLS       7u
#define ELF_PT_GNU_STACK 0x6474e551u
#define ELF_PT_GNU_RELRO 0x6474e552u

#define ELF_PF_X   1u
#define ELF_PF_W   2u
#define ELF_PF_R   4u
#define ELF_PF_ALL (ELF_PF_X | ELF_PF_W | ELF_PF_R)

/* Dynamic entry: tag, value */
#define ELF_DT_NULL     0u
#define ELF_DT_NEEDED   1u
#define ELF_DT_PLTRELSZ 2u
#define ELF_DT_RELA     7u
#define ELF_DT_RELASZ   8u
#define ELF_DT_RELAENT  9u
#define ELF_DT_RELSZ    18u
#define ELF_DT_RELRSZ   35u

/* Relocation with addend */
#define ELF_R_OFFSET 0u
#define ELF_R_INFO   8u
#define ELF_R_ADDEND 16u

#endif
